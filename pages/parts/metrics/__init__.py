"""Parts of Metrics: the verdict, its figures, the mistakes behind them, comparisons and decisions."""
