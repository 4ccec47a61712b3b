"""The reading side: one module a thing asked for; nothing here writes."""
