"""Parts of Finetune: the form, the launch, the live run, the list of runs."""
