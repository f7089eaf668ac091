"""Images on disk: reading them, finding what is wrong with them, putting it right."""
