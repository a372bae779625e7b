"""Keys and address of S3-compatible storage, under the names that AWS's own tools use."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.adapters.objects.bucket import BucketAccess
from app.runtime.settings import secrets_dir


class StorageSettings(BaseSettings):
    """From the environment or `.env`; what is empty is looked for where AWS tools look, such as the instance's role."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, secrets_dir=secrets_dir())

    aws_endpoint_url: str = ""
    aws_region: str = ""
    aws_access_key_id: SecretStr = SecretStr("")
    aws_secret_access_key: SecretStr = SecretStr("")
    aws_session_token: SecretStr = SecretStr("")

    def access(self) -> BucketAccess:
        """How buckets are reached."""
        return BucketAccess(
            endpoint=self.aws_endpoint_url,
            region=self.aws_region,
            key_id=self.aws_access_key_id.get_secret_value(),
            key=self.aws_secret_access_key.get_secret_value(),
            session_token=self.aws_session_token.get_secret_value(),
        )
