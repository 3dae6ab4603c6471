# shellcheck shell=bash
# Sourced: an nginx on 127.0.0.1, for programs that need a server.

nginx=$(command -v nginx || command -v /usr/sbin/nginx || true)

# serve <folder> <scratch> [<directives>]: shows a folder on a free port, and sets $server, which is to be killed, and $at, the
# address. The directives are for the server; PORT_BESIDE in them is another port. What nginx writes is in <scratch>.
serve() {
    local port
    for _ in {1..20}; do
        port=$((20000 + RANDOM % 20000))
        write_configuration "$1" "$2" "$port" "${3-}" >"$2/nginx.conf"
        "$nginx" -e "$2/error.log" -c "$2/nginx.conf" 2>/dev/null &
        server=$!
        at=http://127.0.0.1:$port
        if answers "$port"; then return 0; fi
        kill "$server" 2>/dev/null
        wait "$server"
    done
    printf 'nginx cannot be started:\n'
    cat "$2/error.log"
    server=
    return 1
} >&2

answers() {
    for _ in {1..100}; do
        if ! kill -0 "$server" 2>/dev/null; then return 1; fi
        if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
        sleep 0.05
    done
    return 1
}

write_configuration() {
    local folder=$1 scratch=$2 port=$3 directives=${4//PORT_BESIDE/$(($3 + 1))} user=
    if ((EUID == 0)); then user="user root;"; fi # who may read the folder
    cat <<END
daemon off;
master_process off;
pid $scratch/nginx.pid;
error_log $scratch/error.log;
$user
events {}
http {
    access_log $scratch/access.log;
    client_body_temp_path $scratch;
    proxy_temp_path $scratch;
    fastcgi_temp_path $scratch;
    uwsgi_temp_path $scratch;
    scgi_temp_path $scratch;
    types { text/html html; }
    default_type text/plain;
    server {
        listen 127.0.0.1:$port;
        root $folder;
        $directives
    }
}
END
}
