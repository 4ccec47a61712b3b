"""What is told to people outside the pages: letters by mail."""
