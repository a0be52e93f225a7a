# Read by CMake at the end of llama-cpp-python's project(): leaves out llama.cpp's helpers for its own command-line tools,
# half of the compile time, which its Python package does not load.
# That project turns them on in the cache; a plain variable comes before the cache (policy CMP0126, new in 3.21).
set(LLAMA_BUILD_COMMON OFF)
