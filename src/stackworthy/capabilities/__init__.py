"""Whole capabilities that a stack may lack, as changes of its graph: what fixes and `stackworthy generate` write."""
