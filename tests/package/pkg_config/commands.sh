if ! command -v pkg-config >/dev/null; then
    echo "There is no pkg-config here, so nobody has tried it."
    exit
fi
test "$(pkg-config --modversion rondo)" = "$VERSION_OF_RONDO"

g++ -std=c++20 my_project/my_program.cpp $(pkg-config --cflags --libs rondo) -o my_program
