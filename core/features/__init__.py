"""What a frozen backbone sees in images: computed once, kept by content."""
