"""What showing needs whatever is shown: files, fonts, colours, languages, the forms of a notebook."""
