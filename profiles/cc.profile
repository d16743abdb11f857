# cc: compiles in the working folder, without a network
include compiler.inc
include cc.local
