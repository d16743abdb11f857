# c++: compiles in the working folder, without a network
include compiler.inc
include c++.local
