"""A run's report: one HTML file with its charts and pictures inside, that opens offline and prints well."""
