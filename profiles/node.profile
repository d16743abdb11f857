# node: runs scripts of the working folder; servers are reached by --net=user --net.publish
include node.inc
include node.local
