"""Who may do what: roles and rights, accounts and the ways to enter them, the tree of units."""
