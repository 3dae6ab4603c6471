g++ -std=c++20 -O2 -pthread -isystem rondo/include -Weffc++ -Wfloat-equal -Werror my_project/my_program.cpp -o my_program
