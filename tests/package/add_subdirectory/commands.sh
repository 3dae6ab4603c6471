cp -r rondo my_project/
