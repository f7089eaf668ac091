"""The dashboard's pages: what a person sees. They call `core` and draw; nothing here computes."""
