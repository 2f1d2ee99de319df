.PHONY: help setup demo test lint bench accuracy fuzz bless lab lock clean
help setup demo test lint bench accuracy fuzz bless lab lock clean: ; @./pod $(filter-out help,$@)
