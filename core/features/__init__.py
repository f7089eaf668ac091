"""Outputs of a frozen backbone, extracted once and kept."""
