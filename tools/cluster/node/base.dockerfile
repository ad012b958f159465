# kind's base image, made of Debian's packages and of programs from their modules: for machines that reach no image registry.
# What lies in files/ comes from kind's own module when this is built: its entrypoint, its units, its configuration of containerd.
# The steps are those of images/base/Dockerfile in that module.
ARG DEBIAN
FROM ${DEBIAN}
COPY files/ /
COPY programs/ /usr/local/bin/
RUN set -eu \
 && mkdir -p /opt/cni/bin /etc/cni/net.d /etc/kubernetes/manifests \
 && for name in host-local loopback ptp portmap; do ln -s "/usr/lib/cni/$name" "/opt/cni/bin/$name"; done \
 # Units of a whole machine that a container neither has nor needs.
 && cd /lib/systemd/system && rm -f sysinit.target.wants/systemd-tmpfiles-setup.service multi-user.target.wants/* \
      local-fs.target.wants/* sockets.target.wants/*udev* sockets.target.wants/*initctl* basic.target.wants/* /etc/systemd/system/*.wants/* \
 && echo "ReadKMsg=no" >>/etc/systemd/journald.conf \
 && ln -sf /usr/lib/systemd/systemd /sbin/init \
 && systemctl enable kubelet.service containerd.service undo-mount-hacks.service \
 && systemctl mask systemd-binfmt.service \
 # A machine without CAP_SYS_RESOURCE may not lower oom_score_adj; elsewhere this changes nothing.
 && sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' /etc/containerd/config.toml \
 && ctr oci spec | jq '(.hooks.createContainer[.hooks.createContainer|length] |= . + {"path": "/kind/bin/mount-product-files.sh"}) | del(.process.rlimits)' \
      >/etc/containerd/cri-base.json
ENV container=docker
STOPSIGNAL SIGRTMIN+3
ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]
