"""Parts of The lesson: its text, its pictures, its training played again."""
