# Reads rooms.txt, then lines "source PATH" and "include FILE:LINE:TEXT".

function base_name(path) {
    sub(/.*\//, "", path)
    sub(/\.[a-z]*$/, "", path)
    return path
}

# Room of a file of ours, by its path from the root; "" if it has none.
function room_of(path,    parts, name) {
    split(path, parts, "/")
    if (parts[1] == "src") {
        return parts[2]
    }
    if (parts[1] == "cli") {
        return "cli"
    }
    if (parts[1] == "include") {
        name = base_name(path)
        if (name in header_room) {
            return header_room[name]
        }
        if (n_sources[name] == 1) {
            return source_room[name]
        }
    }
    return ""
}

function complain(text) {
    print place ": " text
    n_bad++
}

# Path from the root of what 'text' includes; "" for a system header.
function target_of(text, file,    path) {
    path = text
    sub(/^[^<"]*[<"]/, "", path)
    sub(/[>"].*$/, "", path)
    if (path ~ /^vswsim\//) {
        return "include/" path
    }
    if (text ~ /</) {
        check_system(path, file)
        return ""
    }
    if (path !~ /\//) {
        sub(/[^\/]*$/, "", file)
        return file path
    }
    return "src/" path
}

# Each library has one room that knows it.
function check_system(path, file,    room) {
    room = room_of(file)
    if (path ~ /^jansson|^pcap|^archive/ && room != "io") {
        complain("only io may use <" path ">")
    }
    if (path ~ /^event/ && room != "live" && file !~ /^examples\//) {
        complain("only live may use <" path ">")
    }
}

function check(file, text,    target, from, to) {
    target = target_of(text, file)
    if (target == "") {
        return
    }
    if (file ~ /^(cli|examples)\// && target ~ /^src\//) {
        complain("sees public headers only, not " target)
        return
    }
    if (file ~ /^include\// && target !~ /^include\//) {
        complain("a public header includes public headers only")
        return
    }
    if (file ~ /^examples\//) {
        return
    }
    from = room_of(file)
    to = room_of(target)
    if (from == "" || !(from in floor)) {
        complain(file " has no room: say which in tests/lint/rooms.txt")
    } else if (to == "" || !(to in floor)) {
        complain(target " has no room: say which in tests/lint/rooms.txt")
    } else if (from != to && floor[to] >= floor[from]) {
        complain(from " (floor " floor[from] ") includes " target " of " to \
                 " (floor " floor[to] ")")
    }
}

/^#/ || NF == 0 { next }
$1 == "floor" { for (i = 3; i <= NF; i++) floor[$i] = $2 }
$1 == "header" { header_room[$2] = $3 }
$1 == "source" {
    split($2, parts, "/")
    n_sources[base_name($2)]++
    source_room[base_name($2)] = parts[2]
}
$1 == "include" {
    line = substr($0, length("include ") + 1)
    match(line, /^[^:]*:[0-9]+:/)
    place = substr(line, 1, RLENGTH - 1)
    file = place
    sub(/:.*/, "", file)
    check(file, substr(line, RLENGTH + 1))
    n_seen++
}
END {
    if (n_seen == 0) {
        print "no include was seen: nothing was checked"
        exit 1
    }
    exit n_bad > 0
}
