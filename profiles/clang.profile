# clang: compiles in the working folder, without a network
include compiler.inc
include clang.local
