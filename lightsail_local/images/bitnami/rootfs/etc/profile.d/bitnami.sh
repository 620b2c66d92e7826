PATH=/opt/bitnami/apache/bin:/opt/bitnami/php/bin:/opt/bitnami/php/sbin:/opt/bitnami/mariadb/bin:/opt/bitnami/mariadb/sbin:$PATH
export PATH
