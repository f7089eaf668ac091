"""What several pages share: navigation, the chosen dataset/split/run, explanations, galleries, charts."""
