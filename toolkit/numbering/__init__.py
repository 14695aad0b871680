"""Labels of provisions, counting, citing and references, all computed late from the tree."""
