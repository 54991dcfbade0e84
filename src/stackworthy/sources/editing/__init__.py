"""Edits of YAML and JSON that leave everything else as it is: comments, order, quoting, anchors, line ends."""
