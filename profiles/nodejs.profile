# nodejs: the same as node
include node.inc
include node.local
include nodejs.local
