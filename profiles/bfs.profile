# bfs: finds files in the working folder, and changes none
include search.inc
include bfs.local
