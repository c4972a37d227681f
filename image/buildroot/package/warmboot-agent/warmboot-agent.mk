################################################################################
#
# warmboot-agent
#
################################################################################

WARMBOOT_AGENT_VERSION = 1
WARMBOOT_AGENT_SITE = $(BR2_EXTERNAL_WARMBOOT_PATH)/../agent
WARMBOOT_AGENT_SITE_METHOD = local
WARMBOOT_AGENT_LICENSE = MIT

# WHY native: it is the agent's goal that takes any compiler and flags; the other one brings a C library of its own. Warnings of a compiler
# that we do not know are no errors.
define WARMBOOT_AGENT_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) native OUT=warmboot-agent \
		HOST_CC="$(TARGET_CC)" WARNINGS="-std=c11 -D_GNU_SOURCE" \
		NATIVE_CFLAGS="$(TARGET_CFLAGS) $(TARGET_LDFLAGS)"
endef

define WARMBOOT_AGENT_INSTALL_TARGET_CMDS
	$(INSTALL) -D -m 0755 $(@D)/warmboot-agent $(TARGET_DIR)/usr/sbin/warmboot-agent
endef

$(eval $(generic-package))
