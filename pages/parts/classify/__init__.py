"""Parts of Classify: uploads, the model's answers and their reasons."""
