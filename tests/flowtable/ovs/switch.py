"""A private Open vSwitch on its dummy datapath, asked over its unixctl
socket."""

import json
import os
import re
import shutil
import socket
import subprocess
import time

SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
PROGRAMS = ["ovs-vswitchd", "ovsdb-server", "ovsdb-tool", "ovs-vsctl",
            "ovs-ofctl"]


def find(name):
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    return shutil.which(name, path=path)


def is_installed():
    return os.path.exists(SCHEMA) and all(find(name) for name in PROGRAMS)


class Switch:
    """Bridge br0 with ports 1 to n_ports; what it starts, it stops."""

    def __init__(self, folder, n_ports):
        self.folder = folder
        self.env = dict(os.environ, OVS_RUNDIR=folder, OVS_DBDIR=folder,
                        OVS_LOGDIR=folder, OVS_SYSCONFDIR=folder)
        self.children = []
        self.buffer = ""
        self.n_calls = 0
        try:
            self.start(n_ports)
        except BaseException:
            self.stop()
            raise

    def start(self, n_ports):
        db = os.path.join(self.folder, "db.sock")
        conf = os.path.join(self.folder, "conf.db")
        ctl = os.path.join(self.folder, "vswitchd.ctl")
        self.run("ovsdb-tool", "create", conf, SCHEMA)
        self.spawn("ovsdb-server", "--remote=punix:" + db, conf)
        self.wait_for(db)
        self.db = "--db=unix:" + db
        self.run("ovs-vsctl", self.db, "--no-wait", "init")
        self.run("ovs-vsctl", self.db, "--no-wait", "set", "Open_vSwitch",
                 ".", "other_config:vlan-limit=2")
        self.spawn("ovs-vswitchd", "--enable-dummy=override",
                   "--disable-system", "--unixctl=" + ctl, "unix:" + db)
        self.wait_for(ctl)
        command = ["add-br", "br0", "--", "set", "bridge", "br0",
                   "datapath-type=dummy", "fail-mode=secure"]
        for port in range(1, n_ports + 1):
            command += ["--", "add-port", "br0", "p%d" % port, "--", "set",
                        "interface", "p%d" % port, "type=dummy",
                        "ofport_request=%d" % port]
        self.run("ovs-vsctl", self.db, "--timeout=20", *command)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(ctl)
        self.run("ovs-ofctl", "set-frags", "br0", "nx-match")

    def stop(self):
        for child in reversed(self.children):
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def run(self, name, *args):
        done = subprocess.run([find(name), *args], env=self.env, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode:
            raise RuntimeError("%s: %s" % (name, done.stdout))
        return done.stdout

    def spawn(self, name, *args):
        with open(os.path.join(self.folder, name + ".out"), "w") as log:
            self.children.append(subprocess.Popen(
                [find(name), "--no-chdir", *args], env=self.env, stdout=log,
                stderr=log))

    def wait_for(self, path):
        for _ in range(200):
            if os.path.exists(path):
                return
            time.sleep(0.05)
        raise RuntimeError("%s did not appear" % path)

    def call(self, method, *params):
        request = {"id": self.n_calls, "method": method, "params": params}
        self.n_calls += 1
        self.socket.sendall(json.dumps(request).encode())
        while True:
            try:
                reply, end = json.JSONDecoder().raw_decode(self.buffer)
                break
            except ValueError:
                data = self.socket.recv(1 << 16)
                if not data:
                    raise RuntimeError("ovs-vswitchd closed the connection")
                self.buffer += data.decode()
        self.buffer = self.buffer[end:].lstrip()
        if reply.get("error"):
            raise RuntimeError("%s %s: %s" % (method, params,
                                              reply["error"]))
        return reply["result"]

    def set_flows(self, flows):
        path = os.path.join(self.folder, "flows")
        with open(path, "w") as out:
            out.write("".join(flow + "\n" for flow in flows))
        self.run("ovs-ofctl", "del-flows", "br0")
        self.run("ovs-ofctl", "add-flows", "br0", path)

    def trace(self, in_port, packet):
        return self.call("ofproto/trace", "br0", "in_port=%d" % in_port,
                         packet)

    def datapath_ports(self):
        """From datapath port number, as in a trace, to port number."""
        shown = self.call("dpif/show")
        return {int(dp): int(of) for of, dp in
                re.findall(r"^\s+p\d+ (\d+)/(\d+):", shown, re.M)}
