"""Recipes of evaluation sets for the geocoder, made from ../shared/data when they are run; no data is kept here."""
