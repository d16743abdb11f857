# gcc: compiles in the working folder, without a network
include compiler.inc
include gcc.local
