# python: runs scripts of the working folder, without a network
include python.inc
include python3.local
include python.local
