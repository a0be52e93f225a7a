# Read by CMake at the end of llama-cpp-python's project(): leaves out llama.cpp's helpers for its own command-line tools,
# half of the compile time, which its Python package does not load.
# That project turns them on in the cache; a plain variable comes before the cache (policy CMP0126, new in 3.21).
set(LLAMA_BUILD_COMMON OFF)

# Without llama.cpp's code for AMX, the matrix unit of server processors: compiled by GCC 12 it stops the process at the
# first prompt, as the compiler drops the tiles' shapes before they are loaded (ggml-org/llama.cpp#20824, open).
if(NOT MSVC)
    add_compile_options(-U__AMX_INT8__)
endif()
