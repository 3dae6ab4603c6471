cp -r rondo/include my_project/
g++ -std=c++20 -pthread -I my_project/include my_project/my_program.cpp -o my_program
