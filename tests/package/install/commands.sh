cmake -S rondo -B rondo-build -DRONDO_BUILD_TESTS=OFF -DRONDO_BUILD_EXAMPLES=OFF
cmake --install rondo-build --prefix ~/.local
