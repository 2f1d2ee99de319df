.PHONY: help setup demo test lint bench accuracy bless lab lock clean
help setup demo test lint bench accuracy bless lab lock clean: ; @./pod $(filter-out help,$@)
