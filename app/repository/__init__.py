"""Git: fetches changes into bare mirrors, compares them, writes them out as plain files. Its input is hostile."""
