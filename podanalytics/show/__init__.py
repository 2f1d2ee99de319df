"""How things are shown: blocks (the only thing a section returns), charts, words and the page's style."""
