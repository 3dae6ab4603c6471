cmake -E tar czf my_project/rondo.tar.gz rondo
