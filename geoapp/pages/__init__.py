"""The addresses of the site, one file each; each file says under WHO who may open it."""
