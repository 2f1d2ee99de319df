"""The accuracy proof: incidents whose truth is known, told through noise by their tools, reconstructed and compared.

`world` holds the vocabulary, `draw` makes incidents, `verdicts` judges them from the truth alone, `noise` spoils what
the tools tell, the `tell_` modules write it down as exports, `replay` loads those as a user would, `score` compares,
`page` writes the outcome. Only `replay` knows podanalytics' own pipeline: the truth must not come from what is tested.
"""
