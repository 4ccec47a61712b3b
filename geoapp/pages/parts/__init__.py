"""What several addresses share; nothing here is an address."""
