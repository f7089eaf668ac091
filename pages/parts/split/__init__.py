"""Parts of Split: the form, what it would give, what that is worth."""
