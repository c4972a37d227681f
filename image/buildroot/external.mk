include $(sort $(wildcard $(BR2_EXTERNAL_WARMBOOT_PATH)/package/*/*.mk))
