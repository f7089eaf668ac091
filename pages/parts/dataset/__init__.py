"""Parts of Dataset: bringing images, seeing what is wrong with them, putting it right."""
