# make: builds in the working folder, without a network
include compiler.inc
include make.local
